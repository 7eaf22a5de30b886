// Maps that keep what was put there last.

/** With one more entry; beyond `most` the oldest go. */
export function withLast<K, V>(entries: ReadonlyMap<K, V>, key: K, value: V, most: number): ReadonlyMap<K, V> {
  const all = new Map(entries);
  all.delete(key);
  all.set(key, value);
  for (const oldest of all.keys()) {
    if (all.size <= most) break;
    all.delete(oldest);
  }
  return all;
}
