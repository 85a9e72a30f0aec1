import { Laptop, ShieldAlert, ShieldCheck } from "lucide-react";
import type { IMyDevice, MatrixClient } from "matrix-js-sdk";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api";
import { useEffect, useState, type SyntheticEvent } from "react";
import { useLanguage, useT } from "@/lib/language";
import { cryptoOf } from "@/lib/matrix/client";
import { useClient, useNews } from "@/lib/matrix/context";
import { formatMoment } from "@/lib/time";
import { useProof } from "@/lib/proof";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { Loading } from "@/ui/State";
import { toast } from "@/ui/Toast";
import { useDoing } from "./doing";
import { useVerification } from "./verifying";
import styles from "./accounts.module.css";

interface Device extends IMyDevice {
  isVerified: boolean;
  isThis: boolean;
}

export function Devices() {
  const { t, tag } = useLanguage();
  const [devices, reload] = useDevices();
  const [chosen, setChosen] = useState<Device>();
  const [isRemovingOthers, setIsRemovingOthers] = useState(false);
  const others = devices?.filter((device) => !device.isThis) ?? [];
  return (
    <Page title={t("devices")} back={{ to: "/me", label: t("back") }}>
      <p>{t("devicesText")}</p>
      {devices === undefined ? (
        <Loading label={t("loading")} />
      ) : (
        <Card>
          {devices.map((device) => (
            <Row
              key={device.device_id}
              icon={device.isVerified ? <ShieldCheck size={20} /> : <ShieldAlert size={20} />}
              title={nameOf(device)}
              sub={
                device.isThis
                  ? t("deviceThis")
                  : device.last_seen_ts
                    ? t("deviceLastSeen", { when: formatMoment(device.last_seen_ts, tag) })
                    : device.device_id
              }
              end={device.isVerified ? t("deviceVerified") : t("deviceUnverified")}
              onClick={() => setChosen(device)}
            />
          ))}
        </Card>
      )}
      {others.length > 0 ? (
        <Button look="danger" onClick={() => setIsRemovingOthers(true)}>
          {t("devicesRemoveOthers")}
        </Button>
      ) : null}
      {isRemovingOthers ? (
        <Removal
          devices={others}
          onClose={() => {
            setIsRemovingOthers(false);
            reload();
          }}
        />
      ) : null}
      {chosen ? (
        <DeviceDialog
          device={chosen}
          onClose={() => {
            setChosen(undefined);
            reload();
          }}
        />
      ) : null}
    </Page>
  );
}

function useDevices(): [Device[] | undefined, () => void] {
  const client = useClient();
  const news = useNews(client, [CryptoEvent.DevicesUpdated, CryptoEvent.KeysChanged]);
  const [tries, setTries] = useState(0);
  const [devices, setDevices] = useState<Device[]>();
  useEffect(() => {
    let isWanted = true;
    listDevices(client).then(
      (found) => {
        if (isWanted) setDevices(found);
      },
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [client, news, tries]);
  return [devices, () => setTries((count) => count + 1)];
}

/** The server gives no name as an empty one. */
function nameOf(device: Device): string {
  return device.display_name === "" ? device.device_id : (device.display_name ?? device.device_id);
}

/** One's devices, this one first. */
async function listDevices(client: MatrixClient): Promise<Device[]> {
  const { devices } = await client.getDevices();
  const crypto = cryptoOf(client);
  const userId = client.getSafeUserId();
  const shown = await Promise.all(
    devices.map(async (device) => {
      const status = await crypto.getDeviceVerificationStatus(userId, device.device_id);
      const isThis = device.device_id === client.getDeviceId();
      return { ...device, isThis, isVerified: status?.crossSigningVerified ?? false };
    }),
  );
  return shown.sort((one, other) => Number(other.isThis) - Number(one.isThis));
}

function DeviceDialog({ device, onClose }: { device: Device; onClose: () => void }) {
  const t = useT();
  const client = useClient();
  const { begin } = useVerification();
  const [name, setName] = useState(device.display_name ?? "");
  const [isRemoving, setIsRemoving] = useState(false);
  const verify = async () => {
    try {
      const crypto = cryptoOf(client);
      begin(await crypto.requestDeviceVerification(client.getSafeUserId(), device.device_id));
      onClose();
    } catch (error) {
      toast(tellTrouble(t, error));
    }
  };
  const rename = async (event: SyntheticEvent) => {
    event.preventDefault();
    try {
      await client.setDeviceDetails(device.device_id, { display_name: name });
      onClose();
    } catch (error) {
      toast(tellTrouble(t, error));
    }
  };
  if (isRemoving) return <Removal devices={[device]} onClose={onClose} />;
  return (
    <Dialog title={nameOf(device)} closeLabel={t("close")} onClose={onClose}>
      <p className={styles.fixed}>
        <Laptop size={14} aria-hidden /> {device.device_id}
      </p>
      <form className={styles.form} onSubmit={rename}>
        <Field label={t("deviceName")} value={name} onChange={setName} maxLength={100} />
        <Button type="submit" look="quiet" disabled={name === (device.display_name ?? "")}>
          {t("save")}
        </Button>
      </form>
      {device.isThis ? null : (
        <div className={styles.buttons}>
          {device.isVerified ? null : (
            <Button onClick={() => void verify()}>{t("deviceVerify")}</Button>
          )}
          <Button look="danger" onClick={() => setIsRemoving(true)}>
            {t("deviceRemove")}
          </Button>
        </div>
      )}
    </Dialog>
  );
}

interface RemovalProps {
  devices: Device[];
  onClose: () => void;
}

/** Signs devices out, once the member has shown that it is them. */
function Removal({ devices, onClose }: RemovalProps) {
  const t = useT();
  const client = useClient();
  const prove = useProof();
  const doing = useDoing();
  const [first] = devices;
  const remove = async () => {
    const ids = devices.map((device) => device.device_id);
    const isDone = await doing.run(() =>
      prove((auth) => client.deleteMultipleDevices(ids, (auth ?? undefined) as never)),
    );
    if (isDone) onClose();
  };
  const title = devices.length === 1 ? t("deviceRemove") : t("devicesRemoveOthers");
  return (
    <Dialog title={title} closeLabel={t("close")} onClose={onClose}>
      <p>
        {devices.length === 1 && first
          ? t("deviceRemoveAsk", { name: nameOf(first) })
          : t("devicesRemoveAsk", { count: devices.length })}
      </p>
      {doing.trouble ? <Note kind="bad">{doing.trouble}</Note> : null}
      <Button look="danger" wide busy={doing.isBusy} onClick={() => void remove()}>
        {title}
      </Button>
    </Dialog>
  );
}
