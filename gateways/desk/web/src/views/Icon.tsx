// The page's few pictures, drawn in the colour of the text around them. Never the only carrier of a meaning.

const PATHS = {
  new: "M4 13l2-8h12l2 8v6H4zM4 13h5l1 3h4l1-3h5",
  mine: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-3.8 3.8-5.5 7.5-5.5s6.7 1.7 7.5 5.5",
  group: "M12 10.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6.5 12a2.3 2.3 0 1 0 0-4.600M17.5 12a2.3 2.3 0 1 1 0-4.600M7 19.500c.5-3.5 2.5-5 5-5s4.5 1.5 5 5M2.5 18c.2-2.2 1.2-3.4 3-3.700M21.5 18c-.2-2.2-1.2-3.4-3-3.7",
  others:
    "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19c.6-3.2 3.2-4.7 6.5-4.7s5.9 1.5 6.5 4.7M16 4.8a3.5 3.5 0 0 1 0 6.5M18 14.6c2 .6 3.2 2.1 3.5 4.4",
  all: "M4 5h16v10H9l-5 4z",
  closed: "M4 7h16M6 7v12h12V7M9.5 12h5M5 4h14l1 3H4z",
  send: "M4 12l16-8-5 16-3.5-6.5zM11.5 13.5L20 4",
  back: "M15 5l-7 7 7 7",
  down: "M12 5v14M6 13l6 6 6-6",
  check: "M5 12.5l4.5 4.5L19 7.5",
  checks: "M2 12.5l4.5 4.5L15 7.5M10.5 16l1 1L21 7.5",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.5l3.5 2",
  warning: "M12 4l9 16H3zM12 10v5M12 17.5v.2",
  close: "M6 6l12 12M18 6L6 18",
  quote: "M9 6l-6 6 6 6M3 12h11a6 6 0 0 1 6 6",
  pencil: "M4 20l1-5L16 4l4 4L9 19zM13.5 6.5l4 4",
  bin: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  clip: "M19.5 11.5l-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8-8a3.1 3.1 0 0 1 4.4 4.4l-7.9 7.9a1.5 1.5 0 0 1-2.2-2.2l7.2-7.2",
  file: "M6 3h8l5 5v13H6zM14 3v5h5M9 13h6M9 17h6",
  place: "M12 21c4-5 6-8 6-11a6 6 0 1 0-12 0c0 3 2 6 6 11zM12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  note: "M5 4h14v10l-5 6H5zM14 20v-6h5M8 8h8M8 12h4",
  template: "M4 5h16v5H4zM4 14h9v5H4zM17 14h3M17 19h3",
  filter: "M4 5h16l-6 8v6l-4-2v-4z",
  people: "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19c.6-3.2 3.2-4.7 6.5-4.7s5.9 1.5 6.5 4.7M18 8v6M15 11h6",
  hand: "M4 12h13M12 6l6 6-6 6",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5",
  question: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 16.8v.2",
  up: "M6 15l6-6 6 6",
  out: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
