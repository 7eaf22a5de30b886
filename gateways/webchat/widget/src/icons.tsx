// The pictures of buttons: strokes in the colour of the text.

export const ICONS = {
  chat: "M12 3.5c4.9 0 8.8 3.3 8.8 7.5s-3.9 7.5-8.8 7.5c-1 0-2-.1-2.9-.4L4.7 20.3l1.1-3.7C4.2 15.2 3.2 13.2 3.2 11c0-4.2 3.9-7.5 8.8-7.5Z",
  down: "m6 9.5 6 6 6-6",
  cross: "m6 6 12 12M18 6 6 18",
  send: "M4 12 20 4.5 15.5 20l-3.8-6.2L4 12Zm7.7 1.8L20 4.5",
  clip: "m20 11-8.4 8.4a5 5 0 0 1-7-7l8.9-8.9a3.4 3.4 0 0 1 4.8 4.8l-8.8 8.8a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5c1.8 2.4 5.2 2.4 7 0M9 9.8v.1M15 9.8v.1",
  mic: "M12 15a3.2 3.2 0 0 0 3.2-3.2V6.2a3.2 3.2 0 0 0-6.4 0v5.6A3.2 3.2 0 0 0 12 15ZM5.8 11.5a6.2 6.2 0 0 0 12.4 0M12 18v3",
  stop: "M7 7h10v10H7Z",
  bin: "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13",
  again: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.3M20 4.5v4.8h-4.8",
  answer: "M9.5 6 4 11.5 9.5 17M4 11.5h9.5c3.6 0 6.5 2 6.5 6.5",
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15ZM10 20.5c1 1 3 1 4 0",
  mute: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15ZM10 20.5c1 1 3 1 4 0M4 4l16 16",
  end: "M14 4.5h4.5a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H14M4.5 12h10M11 8l4 4-4 4",
  file: "M6.5 3.5h7l4 4v13h-11ZM13.5 3.5v4h4",
};

export function Icon({ of }: { of: keyof typeof ICONS }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={ICONS[of]} />
    </svg>
  );
}

interface ButtonProps {
  icon: keyof typeof ICONS;
  label: string;
  onClick: () => void;
  class?: string;
  id?: string;
  disabled?: boolean;
  pressed?: boolean;
  expanded?: boolean;
}

/** A button that is a picture, with its words for those who do not see it. */
export function IconButton({ icon, label, onClick, id, disabled, pressed, expanded, ...more }: ButtonProps) {
  return (
    <button
      type="button"
      class={`icon ${more.class ?? ""}`}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      disabled={disabled ?? false}
      onClick={onClick}
      data-testid={id}
    >
      <Icon of={icon} />
    </button>
  );
}
