/** One's wallets, kept fresh: the server wakes the client when something of them has changed. */

import { ClientEvent } from "matrix-js-sdk";
import { useEffect } from "react";
import { useClient } from "@/lib/matrix/context";
import { useLoaded, type Loaded } from "@/ui/loading";
import { fetchWallets } from "./api";
import type { WalletList } from "./types";

const CHANGED = "org.teahouse.wallet.changed";

/** Loads something of the wallet now and whenever it has changed. */
export function useWalletData<T>(load: () => Promise<T>, key = ""): Loaded<T> {
  const client = useClient();
  const loaded = useLoaded(load, key);
  const { reload } = loaded;
  useEffect(() => {
    const listen = ({ message }: { message: { type: string } }) => {
      if (message.type === CHANGED) reload();
    };
    client.on(ClientEvent.ReceivedToDeviceMessage, listen);
    return () => {
      client.off(ClientEvent.ReceivedToDeviceMessage, listen);
    };
  }, [client, reload]);
  return loaded;
}

export function useWallets(): Loaded<WalletList> {
  return useWalletData(fetchWallets);
}
