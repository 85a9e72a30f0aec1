/** One's wallets, kept fresh: the server wakes the client when something of them has changed. */

import { ClientEvent } from "matrix-js-sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "@/lib/matrix/context";
import { fetchWallets } from "./api";
import type { WalletList } from "./types";

const CHANGED = "org.teahouse.wallet.changed";

/** A number that changes whenever something in the wallet is other than it was. */
export function useWalletNews(): [number, () => void] {
  const client = useClient();
  const [count, setCount] = useState(0);
  const tell = useCallback(() => setCount((now) => now + 1), []);
  useEffect(() => {
    const listen = ({ message }: { message: { type: string } }) => {
      if (message.type === CHANGED) tell();
    };
    client.on(ClientEvent.ReceivedToDeviceMessage, listen);
    return () => {
      client.off(ClientEvent.ReceivedToDeviceMessage, listen);
    };
  }, [client, tell]);
  return [count, tell];
}

export interface Loaded<T> {
  value: T | undefined;
  trouble: unknown;
  reload: () => void;
}

/** Loads something of the wallet now and whenever it has changed. */
export function useWalletData<T>(load: () => Promise<T>, key = ""): Loaded<T> {
  const [news, reload] = useWalletNews();
  const [found, setFound] = useState<{ key: string; value?: T; trouble?: unknown }>({ key });
  useEffect(() => {
    let isWanted = true;
    load().then(
      (value) => {
        if (isWanted) setFound({ key, value });
      },
      (trouble: unknown) => {
        if (isWanted) setFound((now) => ({ ...now, key, trouble }));
      },
    );
    return () => {
      isWanted = false;
    };
    // `load` is made anew at each render; what it depends on is in `key`.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, news]);
  const isOf = found.key === key;
  return { value: isOf ? found.value : undefined, trouble: isOf ? found.trouble : undefined, reload };
}

export function useWallets(): Loaded<WalletList> {
  return useWalletData(fetchWallets);
}
