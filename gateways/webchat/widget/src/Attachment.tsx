// A file in a message: a picture that opens whole, a player, or a name to download.

import { useState } from "preact/hooks";

import type { FileRef } from "./frames.ts";
import { Icon } from "./icons.tsx";
import type { Words } from "./words.ts";

interface Props {
  file: FileRef;
  /** Where the bytes are; none while the gateway has not said. */
  url: string | undefined;
  /** A picture that is at hand, without a request. */
  near: string | undefined;
  words: Words;
}

export function Attachment({ file, url, near, words }: Props) {
  const [gone, setGone] = useState(false);
  const { kind, name } = file;
  const onError = () => setGone(true);
  const label = kind === "voice" ? words.voice : name;
  if (gone) return <Download file={file} url={undefined} note={words.gone} />;
  if (kind === "image" && (near || (url && file.preview))) {
    const size = file.w && file.h ? { width: file.w, height: file.h } : {};
    return (
      <a class="picture" {...leads(url ?? near)} target="_blank" rel="noopener noreferrer" data-testid="image">
        <img src={near ?? asked(url as string, "preview", "1")} alt={name} onError={onError} {...size} />
      </a>
    );
  }
  if (url && (kind === "voice" || kind === "audio")) {
    return <audio src={url} controls preload="metadata" aria-label={label} onError={onError} data-testid="audio" />;
  }
  if (url && kind === "video") {
    return <video src={url} controls preload="metadata" aria-label={label} onError={onError} data-testid="video" />;
  }
  return <Download file={file} url={url} note={words.size(file.size)} />;
}

function Download({ file, url, note }: { file: FileRef; url: string | undefined; note: string }) {
  return (
    <a class="file" {...leads(url)} target="_blank" rel="noopener noreferrer" data-testid="file">
      <Icon of="file" />
      <span>
        <bdi>{file.name}</bdi>
        <small>{note}</small>
      </span>
    </a>
  );
}

/** A link that leads nowhere is none. */
function leads(href: string | undefined): { href: string } | Record<string, never> {
  return href === undefined ? {} : { href };
}

function asked(url: string, name: string, value: string): string {
  const address = new URL(url);
  address.searchParams.set(name, value);
  return address.href;
}
