// Of a long list only the rows near those in sight are drawn; the others are so much empty room.

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useWorkplace } from "./context.ts";

/** Shorter lists are drawn whole. */
const WHOLE = 120;
/** Rows above and below those in sight; drawn anew when so many have been passed. */
const BEYOND = 15;
const STEP = 5;

/** Rows `from` to `to` of `count` are drawn; pixels of a row, all being of one height. */
export function useSlice(count: number, key: string) {
  const { lists } = useWorkplace();
  const box = useRef<HTMLDivElement>(null);
  const first = useSignal(0);
  const height = useSignal(0);
  const onScroll = (): void => {
    const top = box.current?.scrollTop ?? 0;
    lists.deep = top > (box.current?.clientHeight ?? 0);
    if (height.peek() > 0) first.value = Math.floor(top / height.peek() / STEP) * STEP;
  };
  useLayoutEffect(() => {
    if (box.current !== null) box.current.scrollTop = 0;
    onScroll();
  }, [key]);
  useLayoutEffect(() => {
    const row = box.current?.querySelector("li");
    if (row != null) height.value = row.offsetHeight;
  }, [count > 0, key]);
  if (count <= WHOLE || height.value === 0) return { box, from: 0, to: count <= WHOLE ? count : WHOLE, rowHeight: 0, onScroll };
  const inSight = Math.ceil((box.current?.clientHeight ?? 0) / height.value);
  const from = Math.max(0, Math.min(first.value, count) - BEYOND);
  return { box, from, to: Math.min(count, first.value + inSight + STEP + BEYOND), rowHeight: height.value, onScroll };
}
