// The site's own colour, with words on it that can be read: white or black, whichever stands out more.

const HEX = /^#[0-9a-f]{6}$/i;

/** Variables of the style; none for what is no colour like `#1f6feb`. */
export function colours(colour: string | undefined): Record<string, string> {
  if (!colour || !HEX.test(colour)) return {};
  const ink = luminance(colour) > 0.179 ? "#000" : "#fff";
  return { "--accent": colour, "--accent-deep": colour, "--on-accent": ink };
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
