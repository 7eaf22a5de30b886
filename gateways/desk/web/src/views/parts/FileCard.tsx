// A file by name and size, to be saved; or why it is not there: still coming, failed, its time over.

import type { File } from "../../contract.ts";
import { fileAddress } from "../../sending.ts";
import { sized } from "../../sizes.ts";
import { kindWords } from "../../words/index.ts";
import { useApp, useWords } from "../context.ts";
import { Icon } from "../Icon.tsx";
import { useSpoken } from "../spoken.ts";

export function FileCard({ file, kind }: { file: File; kind: string }) {
  const app = useApp();
  const words = useWords();
  const name = file.name === "" ? kindWords(kind, words) : file.name;
  if (file.state !== "stored") return <Missing file={file} name={name} />;
  return (
    <a class="card-link" href={fileAddress(file.attachment_id)} download={file.name} data-testid="file">
      <Icon name="file" />
      <span>
        <b>{name}</b>
        <span class="hint">
          {file.size_bytes != null && `${sized(file.size_bytes, app.language.value)} · `}
          {words.files.download}
        </span>
      </span>
    </a>
  );
}

function Missing({ file, name }: { file: File; name: string }) {
  const words = useWords();
  const { files } = words;
  const reason = useSpoken().reason(file.words);
  const said = { pending: files.pending, failed: files.failed, expired: files.expired, stored: "" }[file.state];
  return (
    <p class={`missing is-${file.state}`} data-testid="file" data-state={file.state}>
      <Icon name={file.state === "pending" ? "clock" : "warning"} />
      <span>
        <b>{name}</b>
        <span class="hint">
          {said}
          {file.state === "failed" && reason !== "" && `: ${reason}`}
        </span>
      </span>
    </p>
  );
}
