import { useState, type SyntheticEvent } from "react";
import { useLocation } from "wouter";
import { useT } from "@/lib/language";
import { createGroup, openDirectChat } from "@/lib/matrix/client";
import { useClient } from "@/lib/matrix/context";
import { readTrouble, tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Segments } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { readMemberId } from "./timeline";

type Kind = "one" | "group";

export function NewChat({ onClose, first = "" }: { onClose: () => void; first?: string }) {
  const t = useT();
  const [kind, setKind] = useState<Kind>("one");
  const options = [
    { value: "one", label: t("newChat") },
    { value: "group", label: t("newGroup") },
  ] as const;
  return (
    <Dialog
      title={kind === "one" ? t("newChat") : t("newGroup")}
      closeLabel={t("close")}
      onClose={onClose}
    >
      <Segments label={t("newChat")} options={options} value={kind} onChange={setKind} />
      {kind === "one" ? <OneForm first={first} onClose={onClose} /> : <GroupForm onClose={onClose} />}
    </Dialog>
  );
}

/** Runs what a form does, and holds its trouble. */
function useForm(onClose: () => void) {
  const t = useT();
  const [, go] = useLocation();
  const [trouble, setTrouble] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const run = async (open: () => Promise<string>) => {
    setIsBusy(true);
    setTrouble(undefined);
    try {
      const roomId = await open();
      onClose();
      go(`/chats/${encodeURIComponent(roomId)}`);
    } catch (error) {
      const isNobody = ["M_NOT_FOUND", "nobody"].includes(readTrouble(error).code);
      setTrouble(isNobody ? t("newChatNobody") : tellTrouble(t, error));
      setIsBusy(false);
    }
  };
  return { trouble, setTrouble, isBusy, run };
}

function OneForm({ first, onClose }: { first: string; onClose: () => void }) {
  const t = useT();
  const client = useClient();
  const [typed, setTyped] = useState(first);
  const { trouble, setTrouble, isBusy, run } = useForm(onClose);
  const server = client.getDomain() ?? "";

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    const userId = readMemberId(typed, server);
    if (!userId) setTrouble(t("newChatNobody"));
    else if (userId === client.getUserId()) setTrouble(t("newChatSelf"));
    else {
      await run(async () => {
        // Says that somebody is there before a room is made for nobody.
        await client.getProfileInfo(userId);
        return openDirectChat(client, userId);
      });
    }
  };

  return (
    <form onSubmit={submit}>
      <FormBody trouble={undefined}>
        <Field
          label={t("newChatWith")}
          value={typed}
          onChange={setTyped}
          hint={t("newChatHint", { server })}
          error={trouble}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          autoFocus
        />
        <Button type="submit" wide busy={isBusy} disabled={!typed.trim()}>
          {t("newChatStart")}
        </Button>
      </FormBody>
    </form>
  );
}

function GroupForm({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useClient();
  const [name, setName] = useState("");
  const [typed, setTyped] = useState("");
  const { trouble, setTrouble, isBusy, run } = useForm(onClose);
  const server = client.getDomain() ?? "";

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    const words = typed.split(/[\s,，、]+/).filter(Boolean);
    const members = words.map((word) => readMemberId(word, server));
    if (members.includes(undefined)) setTrouble(t("newChatNobody"));
    else await run(() => createGroup(client, name.trim(), members.filter((id) => id !== undefined)));
  };

  return (
    <form onSubmit={submit}>
      <FormBody trouble={trouble}>
        <Field label={t("groupName")} value={name} onChange={setName} maxLength={80} autoFocus />
        <Field
          label={t("groupMembers")}
          value={typed}
          onChange={setTyped}
          hint={t("groupMembersHint")}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
        <Button type="submit" wide busy={isBusy} disabled={!name.trim()}>
          {t("groupCreate")}
        </Button>
      </FormBody>
    </form>
  );
}

function FormBody({ trouble, children }: { trouble: string | undefined; children: React.ReactNode }) {
  return (
    <div style={{ display: "grid", gap: "var(--space-4)" }}>
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      {children}
    </div>
  );
}
