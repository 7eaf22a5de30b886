// A picture: the preview that we drew, and the whole one over the page when it is asked for.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { File } from "../../contract.ts";
import { fileAddress } from "../../sending.ts";
import { useWords } from "../context.ts";
import { Icon } from "../Icon.tsx";
import { FileCard } from "./FileCard.tsx";

/** Pixels of the longer side, as it stands in a thread. */
const SIDE = 300;

export function Picture({ file }: { file: File }) {
  const words = useWords();
  const open = useSignal(false);
  const broken = useSignal(false);
  if (broken.value) return <FileCard file={file} kind="image" />;
  const name = file.name === "" ? words.kinds.image : file.name;
  return (
    <>
      <button
        class="picture"
        type="button"
        aria-label={words.files.enlarge(name)}
        data-testid="picture"
        onClick={() => {
          open.value = true;
        }}
      >
        <img
          src={fileAddress(file.attachment_id, true)}
          alt=""
          loading="lazy"
          {...fitted(file)}
          onError={() => {
            broken.value = true;
          }}
        />
      </button>
      {open.value && (
        <Large
          file={file}
          name={name}
          close={() => {
            open.value = false;
          }}
        />
      )}
    </>
  );
}

/** Its size in the thread, so that nothing moves when it comes. */
function fitted({ width, height }: File): { width?: number; height?: number } {
  if (width == null || height == null || width <= 0 || height <= 0) return {};
  const scale = Math.min(1, SIDE / width, SIDE / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function Large({ file, name, close }: { file: File; name: string; close(): void }) {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const address = fileAddress(file.attachment_id);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="viewer" ref={dialog} aria-label={name} onClose={close} data-testid="picture-large">
      <div class="viewer-head">
        <b>{name}</b>
        <a class="button bare" href={address} download={file.name}>
          {words.files.download}
        </a>
        <button
          class="button bare icon-only"
          type="button"
          aria-label={words.files.shut}
          data-testid="picture-close"
          onClick={() => dialog.current?.close()}
        >
          <Icon name="close" />
        </button>
      </div>
      <img src={address} alt={name} />
    </dialog>
  );
}
