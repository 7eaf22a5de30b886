// A voice message: recorded, heard, deleted or recorded again before it is sent.

import { useEffect, useRef, useState } from "preact/hooks";

import type { Chat } from "./chat.ts";
import { IconButton } from "./icons.tsx";
import { Recorder, type Recording } from "./recorder.ts";
import type { Words } from "./words.ts";

interface Props {
  chat: Chat;
  words: Words;
  onClose: () => void;
}

export function Voice({ chat, words, onClose }: Props) {
  const [seconds, setSeconds] = useState(0);
  const [done, setDone] = useState<(Recording & { url: string }) | null>(null);
  const [take, setTake] = useState(0);
  const recorder = useRef<Recorder | null>(null);
  useEffect(() => {
    let left = false;
    setDone(null);
    setSeconds(0);
    const timer = setInterval(() => recorder.current && setSeconds((count) => count + 1), 1000);
    Recorder.start().then(
      (started) => {
        if (left) started.cancel();
        else recorder.current = started;
      },
      () => {
        chat.warn(words.noMicrophone);
        onClose();
      },
    );
    return () => {
      left = true;
      clearInterval(timer);
      recorder.current?.cancel();
      recorder.current = null;
    };
  }, [take]);
  useEffect(() => () => URL.revokeObjectURL(done?.url ?? ""), [done]);
  const stop = async () => {
    const made = await recorder.current?.stop();
    recorder.current = null;
    if (made) setDone({ ...made, url: URL.createObjectURL(made.blob) });
  };
  const send = ({ blob, name }: Recording) => {
    chat.uploads.record(blob, name, (file) => chat.say("", [file]));
    onClose();
  };
  return (
    <div class="voice" role="group" aria-label={words.voice} data-testid="voice" data-state={done ? "recorded" : "recording"}>
      <IconButton icon="bin" label={words.discard} onClick={onClose} id="voice-discard" />
      {done ? (
        <audio src={done.url} controls aria-label={words.voice} />
      ) : (
        <span class="recording" role="status">
          {words.recording} <time>{`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`}</time>
        </span>
      )}
      {done ? (
        <>
          <IconButton icon="again" label={words.rerecord} onClick={() => setTake(take + 1)} id="voice-again" />
          <IconButton
            class="main"
            icon="send"
            label={words.send}
            onClick={() => send(done)}
            id="voice-send"
          />
        </>
      ) : (
        <IconButton class="main" icon="stop" label={words.stop} onClick={() => void stop()} id="voice-stop" />
      )}
    </div>
  );
}
