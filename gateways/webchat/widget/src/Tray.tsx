// The files that go with the next message: how far each has come, and what is wrong with it.

import { Icon, IconButton } from "./icons.tsx";
import type { Upload, Uploads } from "./uploads.ts";
import type { Words } from "./words.ts";

export function Tray({ uploads, words }: { uploads: Uploads; words: Words }) {
  if (!uploads.items.length) return null;
  return (
    <ul class="tray" data-testid="tray">
      {uploads.items.map((one) => (
        <Item key={one.key} one={one} uploads={uploads} words={words} />
      ))}
    </ul>
  );
}

function Item({ one, uploads, words }: { one: Upload; uploads: Uploads; words: Words }) {
  const percent = Math.floor(one.done * 100);
  return (
    <li data-testid="upload" data-state={one.state}>
      {one.picture ? <img src={one.picture} alt="" /> : <Icon of="file" />}
      <span class="name">
        <bdi>{one.name}</bdi>
        {one.state === "failed" ? (
          <small class="why" role="alert">
            {one.words}
          </small>
        ) : (
          <small>{one.state === "done" ? words.size(one.file.size) : words.uploading(percent)}</small>
        )}
        {one.state === "going" && <progress max={100} value={percent} aria-label={one.name} />}
      </span>
      {one.state === "failed" && one.again && (
        <IconButton icon="again" label={words.again} onClick={() => uploads.again(one)} id="upload-again" />
      )}
      <IconButton icon="cross" label={words.remove(one.name)} onClick={() => uploads.remove(one)} id="upload-remove" />
    </li>
  );
}
