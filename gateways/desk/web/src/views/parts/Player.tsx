// Sound and video, played from our own address; what the browser cannot play can be saved.

import { useSignal } from "@preact/signals";
import type { File } from "../../contract.ts";
import { fileAddress } from "../../sending.ts";
import { sized } from "../../sizes.ts";
import { useApp, useWords } from "../context.ts";
import { FileCard } from "./FileCard.tsx";
import { kindWords } from "../../words/index.ts";

export function Player({ file, kind }: { file: File; kind: "voice" | "audio" | "video" }) {
  const app = useApp();
  const words = useWords();
  const broken = useSignal(false);
  const address = fileAddress(file.attachment_id);
  const title = kind === "voice" || file.name === "" ? kindWords(kind, words) : file.name;
  const size = file.size_bytes == null ? "" : ` · ${sized(file.size_bytes, app.language.value)}`;
  const onError = (): void => {
    broken.value = true;
  };
  const said = { controls: true, preload: "metadata" as const, src: address, "aria-label": title, onError };
  if (broken.value) {
    return (
      <>
        <p class="said faint">{words.files.unplayable}</p>
        <FileCard file={file} kind={kind} />
      </>
    );
  }
  return (
    <figure class={`player is-${kind}`}>
      {kind === "video" ? (
        <video {...said} playsInline data-testid="video" />
      ) : (
        <audio {...said} data-testid="audio" />
      )}
      <figcaption class="hint">
        {title}
        {size}{" "}
        <a href={address} download={file.name} data-testid="download">
          {words.files.download}
        </a>
      </figcaption>
    </figure>
  );
}
