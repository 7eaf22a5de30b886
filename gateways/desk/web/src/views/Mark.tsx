// The product's mark: two lines that cross, as on an old switchboard.

export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M9 11.5c8 0 6 9 14 9M9 20.5c3 0 4.5-1.2 5.5-2.7M17.5 14.2c1-1.5 2.5-2.7 5.5-2.7" />
    </svg>
  );
}
