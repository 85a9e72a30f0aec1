/**
 * Signs a member in for a Matrix client that shows this page within itself, because it knows none
 * of the ways in (Client-Server API, "Login Fallback"). The client takes the answer by `onLogin`.
 */

import { useState } from "react";
import { useSearch } from "wouter";
import { logInByPasskey, logInByPassword, type DeviceWish, type LoginAnswer } from "@/lib/doors";
import { useT } from "@/lib/language";
import { Note } from "@/ui/Note";
import { Door } from "./Door";
import { Entering } from "./Entering";

type Listening = Window & { onLogin?: (answer: LoginAnswer) => void };

export function SignInFallback() {
  const t = useT();
  const device = readDevice(useSearch());
  const [isDone, setIsDone] = useState(false);
  const [isAlone, setIsAlone] = useState(false);
  const enter = async (logIn: () => Promise<LoginAnswer>) => {
    const { onLogin } = window as Listening;
    // Without a client to take them, tokens would only lie about.
    if (typeof onLogin !== "function") {
      setIsAlone(true);
      return;
    }
    onLogin(await logIn());
    setIsDone(true);
  };
  return (
    <Door title={t("ssoTitle")}>
      {isAlone ? <Note kind="warn">{t("fallbackAlone")}</Note> : null}
      {isDone ? (
        <Note>{t("fallbackDone")}</Note>
      ) : (
        <Entering
          onPasskey={() => enter(() => logInByPasskey(device))}
          onTyped={(typed) => enter(() => logInByPassword(typed, device))}
        />
      )}
    </Door>
  );
}

/** What the client that opened the page asks for its device to be. */
export function readDevice(search: string): DeviceWish {
  const asked = new URLSearchParams(search);
  const device: DeviceWish = {};
  const [id, name] = [asked.get("device_id"), asked.get("initial_device_display_name")];
  if (id) device.device_id = id;
  if (name) device.initial_device_display_name = name;
  return device;
}
