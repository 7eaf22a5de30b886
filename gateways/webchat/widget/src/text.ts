// What a text comes to on the screen: its links, and whether it is a few emoji that are shown large.

const LINK = /(https?:\/\/[^\s<>"«»]+)/i;
const ONE = "\\p{Extended_Pictographic}[\\p{Emoji_Modifier}\\u{FE0F}]?(?:\\u{200D}\\p{Extended_Pictographic}\\u{FE0F}?)*";
const STICKER = new RegExp(`^${ONE}$`, "u");
const PICTURES = new RegExp(`^(?:${ONE}\\s*){1,3}$`, "u");
const TAIL = /[.,:;!?)\]}'…]+$/;

export interface Piece {
  text: string;
  href?: string;
}

/** The text in pieces, the addresses among them with what they lead to. */
export function pieces(text: string): Piece[] {
  return text
    .split(LINK)
    .flatMap((part, index) => {
      if (index % 2 === 0) return [{ text: part }];
      const tail = TAIL.exec(part)?.[0] ?? "";
      const href = part.slice(0, part.length - tail.length);
      return [{ text: href, href }, { text: tail }];
    })
    .filter((piece) => piece.text);
}

/** Whether the text is one to three emoji and nothing else. */
export function isPicture(text: string): boolean {
  return PICTURES.test(text);
}

/** Whether the text is one emoji: it goes as a sticker. */
export function isSticker(text: string): boolean {
  return STICKER.test(text);
}
