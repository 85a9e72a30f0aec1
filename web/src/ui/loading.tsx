/** Loads what a page shows, and says so while it waits or when it fails. */

import { useCallback, useEffect, useState, type ReactNode } from "react";
import { useT } from "@/lib/language";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { Loading } from "@/ui/State";

export interface Loaded<T> {
  value: T | undefined;
  trouble: unknown;
  reload: () => void;
}

/**
 * @param load asks the server; what it depends on is in `key`.
 * @param everyMs asks again this often while the page is looked at; 0 for never.
 */
export function useLoaded<T>(load: () => Promise<T>, key = "", everyMs = 0): Loaded<T> {
  const [count, setCount] = useState(0);
  const [found, setFound] = useState<{ key: string; value?: T; trouble?: unknown }>({ key });
  const reload = useCallback(() => setCount((now) => now + 1), []);
  useEffect(() => {
    let isWanted = true;
    load().then(
      (value) => {
        if (isWanted) setFound({ key, value });
      },
      (trouble: unknown) => {
        if (isWanted) setFound((now) => ({ ...(now.key === key ? now : {}), key, trouble }));
      },
    );
    return () => {
      isWanted = false;
    };
    // `load` is made anew at each render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, count]);
  useEffect(() => {
    if (!everyMs) return undefined;
    const tick = () => {
      if (document.visibilityState === "visible") reload();
    };
    const timer = setInterval(tick, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);
  const isOf = found.key === key;
  return {
    value: isOf ? found.value : undefined,
    trouble: isOf ? found.trouble : undefined,
    reload,
  };
}

interface Props<T> {
  loaded: Loaded<T>;
  children: (value: T) => ReactNode;
}

/** What was loaded, or why there is nothing. What was loaded before stays when a later try fails. */
export function Await<T>({ loaded, children }: Props<T>) {
  const t = useT();
  const { value, trouble, reload } = loaded;
  return (
    <>
      {trouble ? (
        <Note
          kind="bad"
          action={
            <Button look="plain" onClick={reload}>
              {t("retry")}
            </Button>
          }
        >
          {tellTrouble(t, trouble)}
        </Note>
      ) : null}
      {value !== undefined ? children(value) : trouble ? null : <Loading label={t("loading")} />}
    </>
  );
}
