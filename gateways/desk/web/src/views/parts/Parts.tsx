// What a message holds beside its words, each kind as it is used: pictures are seen, recordings played, files
// saved, places and people opened. What we do not know is said in words.

import type { Part } from "../../contract.ts";
import { useWords } from "../context.ts";
import { Icon } from "../Icon.tsx";
import { FileCard } from "./FileCard.tsx";
import { Picture } from "./Picture.tsx";
import { Player } from "./Player.tsx";

export function Parts({ parts }: { parts: readonly Part[] }) {
  return (
    <div class="parts">
      {parts.map((part, index) => (
        <PartView key={part.file?.attachment_id ?? index} part={part} />
      ))}
    </div>
  );
}

function PartView({ part }: { part: Part }) {
  const { file } = part;
  switch (part.kind) {
    case "image":
    case "voice":
    case "audio":
    case "video":
    case "file":
      if (file == null) return <Unsupported part={part} />;
      if (file.state !== "stored") return <FileCard file={file} kind={part.kind} />;
      if (part.kind === "image") return <Picture file={file} />;
      return part.kind === "file" ? <FileCard file={file} kind="file" /> : <Player file={file} kind={part.kind} />;
    case "sticker":
      return <Sticker part={part} />;
    case "location":
      return <Place part={part} />;
    case "contact":
      return <Person part={part} />;
    default:
      return <Unsupported part={part} />;
  }
}

function Unsupported({ part }: { part: Part }) {
  const words = useWords();
  return (
    <p class="said faint" data-testid="unsupported">
      {words.thread.unsupported}
      {part.words != null && `: ${part.words}`}
    </p>
  );
}

function Sticker({ part }: { part: Part }) {
  const words = useWords();
  if (part.emoji != null && part.emoji !== "") {
    return (
      <p class="sticker" data-testid="sticker">
        <span class="unseen">{words.kinds.sticker} </span>
        {part.emoji}
      </p>
    );
  }
  if (part.file?.state === "stored") return <Picture file={part.file} />;
  return (
    <p class="said faint" data-testid="sticker">
      {words.kinds.sticker}
    </p>
  );
}

function Place({ part }: { part: Part }) {
  const words = useWords();
  const { latitude = 0, longitude = 0 } = part;
  const name = [part.title, part.address].filter((one) => one != null && one !== "").join(", ");
  const query = new URLSearchParams({ mlat: String(latitude), mlon: String(longitude) });
  return (
    <a
      class="card-link"
      href={`https://www.openstreetmap.org/?${query}#map=16/${latitude}/${longitude}`}
      target="_blank"
      rel="noopener noreferrer"
      data-testid="location"
    >
      <Icon name="place" />
      <span>
        <b>{name === "" ? words.kinds.location : name}</b>
        <span class="hint">{`${latitude.toFixed(5)}, ${longitude.toFixed(5)} · ${words.files.map}`}</span>
      </span>
    </a>
  );
}

function Person({ part }: { part: Part }) {
  const words = useWords();
  return (
    <div class="person" data-testid="contact">
      <p class="hint">{words.kinds.contact}</p>
      <b>{part.name}</b>
      <ul>
        {(part.phones ?? []).map((phone) => (
          <li key={phone}>
            <a href={`tel:${phone.replace(/[^+\d]/g, "")}`}>{phone}</a>
          </li>
        ))}
        {(part.emails ?? []).map((email) => (
          <li key={email}>
            <a href={`mailto:${encodeURIComponent(email)}`}>{email}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}
