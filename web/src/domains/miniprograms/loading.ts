/** Loads something once, and again when asked to. */

import { useCallback, useEffect, useState } from "react";

export interface Loaded<T> {
  value: T | undefined;
  trouble: unknown;
  reload: () => void;
}

/** @param load the same function at each render: one that is called on an id is kept by the page. */
export function useLoaded<T>(load: () => Promise<T>, everyMs?: number): Loaded<T> {
  const [value, setValue] = useState<T>();
  const [trouble, setTrouble] = useState<unknown>();
  const [count, setCount] = useState(0);
  const reload = useCallback(() => setCount((now) => now + 1), []);
  useEffect(() => {
    let isWanted = true;
    load().then(
      (found) => {
        if (!isWanted) return;
        setValue(found);
        setTrouble(undefined);
      },
      (error: unknown) => {
        if (isWanted) setTrouble(error);
      },
    );
    return () => {
      isWanted = false;
    };
  }, [load, count]);
  useEffect(() => {
    if (!everyMs) return;
    const timer = setInterval(reload, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);
  return { value, trouble, reload };
}
