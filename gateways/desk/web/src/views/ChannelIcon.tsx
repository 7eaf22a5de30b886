// Where a conversation comes from, as a picture with a name. Drawn by us, in the colour of the text around it.

import { channelName, pictureOf } from "../channels.ts";
import { useWords } from "./context.ts";

const PATHS: Readonly<Record<string, string>> = {
  webchat: "M4 5h16v11h-8l-5 4v-4H4zM8.5 10.5h.01M12 10.5h.01M15.5 10.5h.01",
  email: "M4 6h16v12H4zM4 7l8 6 8-6",
  telegram: "M3.5 11.5L20 5l-3 14-5.5-4.5L9 18v-5l8-6",
  vk: "M2.5 8l4.25 8L11 8M14.5 8v8M21 8l-6.5 4.500L21 16",
  whatsapp:
    "M12 3.500a8.5 8.5 0 0 0-7.3 12.800L3.5 20.500l4.3-1.200A8.5 8.5 0 1 0 12 3.500zM9 8.500c-.6 3.5 3 7 6.5 6.500l.3-1.8-2-.8-1 .9c-1-.4-1.8-1.2-2.2-2.200l.9-1-.8-2z",
  avito:
    "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM17 9.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7.5 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM16 19.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  autoru: "M4 13l2-6h12l2 6v6h-3v-2H7v2H4zM4 13h16M7.5 15.200h.01M16.5 15.200h.01",
  cian: "M4 11l8-6.5 8 6.500v9H4zM10 20v-5.500h4V20",
  sms: "M7 3h10v18H7zM10 7.500h4M10 10.500h4M11.5 18h1",
  max: "M12 4a8 8 0 1 1-3.5 15.200L4.5 20l.8-4A8 8 0 0 1 12 4zM9 14.500V10l3 3 3-3v4.5",
  http: "M8.5 5c-3.5 0-1 6-4.5 7 3.5 1 1 7 4.5 7M15.5 5c3.5 0 1 6 4.5 7-3.5 1-1 7-4.5 7",
  calls:
    "M6 4l3.5.5L11 9l-2.5 1.500a12 12 0 0 0 5 5L15 13l4.5 1.500L20 18c-1 2-3 2.5-5 2C9.5 18.5 5.5 14.5 4 9c-.5-2 0-4 2-5z",
  other: "M12 12v8M8.8 16a5.2 5.2 0 1 1 6.4 0M6.5 18.500a8.5 8.5 0 1 1 11 0M12 12h.01",
};

export function ChannelIcon({ channel, size = 14 }: { channel: string; size?: number }) {
  const name = channelName(channel, useWords());
  const picture = pictureOf(channel);
  return (
    <svg
      class="icon channel-icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      role="img"
      aria-label={name}
      focusable="false"
      data-testid="channel-icon"
      data-channel={picture}
    >
      <title>{name}</title>
      <path d={PATHS[picture]} />
    </svg>
  );
}
