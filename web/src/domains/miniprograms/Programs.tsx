/** The mini-programs of the house: the list, and the page about one. */

import { Blocks } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useState } from "react";
import { useLocation } from "wouter";
import { useLanguage } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Switch } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { toast } from "@/ui/Toast";
import { useLoaded } from "@/ui/loading";
import { decide, fetchGrants, fetchPrograms, inWords, takeBack, type Grant, type Program } from "./api";
import { recentPrograms } from "./recent";
import styles from "./miniprograms.module.css";

const SEARCH_FROM = 5;
const part = encodeURIComponent;

/** Stands on Discover. */
export function ProgramList() {
  const { t, tag } = useLanguage();
  const { value, trouble } = useLoaded(fetchPrograms);
  const [sought, setSought] = useState("");
  if (trouble && !value) return <Note kind="bad">{tellTrouble(t, trouble)}</Note>;
  if (!value) return <Loading label={t("loading")} />;
  if (value.length === 0) return null;
  const recent = recentPrograms();
  const rank = (one: Program) => (recent.indexOf(one.program_id) + KEPT_LAST) % KEPT_LAST;
  const found = value
    .filter((one) => matches(one, sought))
    .sort((one, two) => rank(one) - rank(two) || compare(one, two, tag));
  return (
    <>
      {value.length >= SEARCH_FROM ? (
        <Field label={t("miniSearch")} type="search" value={sought} onChange={setSought} />
      ) : null}
      <Card title={t("miniPrograms")}>
        {found.map((one) => (
          <Row
            key={one.program_id}
            icon={<Icon program={one} />}
            title={inWords(one.name, tag)}
            sub={inWords(one.description, tag)}
            to={`/discover/${one.opens === "room" ? "about" : "open"}/${part(one.program_id)}`}
          />
        ))}
        {found.length === 0 ? <Row title={t("miniNoneFound")} /> : null}
      </Card>
    </>
  );
}

// Those opened lately come first; the others, at -1, last.
const KEPT_LAST = 1000;

const compare = (one: Program, two: Program, tag: "en" | "zh-Hans") =>
  inWords(one.name, tag).localeCompare(inWords(two.name, tag), tag);

export function matches({ name, description }: Program, sought: string): boolean {
  const whole = [name.en, name.zh, description.en, description.zh].join(" ").toLowerCase();
  return sought.toLowerCase().split(/\s+/).every((word) => whole.includes(word));
}

function Icon({ program, size = 40 }: { program: Program; size?: number }) {
  return <img src={program.icon_path} alt="" width={size} height={size} className={styles.icon} />;
}

const loadBoth = () => Promise.all([fetchPrograms(), fetchGrants()]);

/** What it is, who made it, and what it may do, which is changed here. */
export function AboutProgram({ programId }: { programId: string }) {
  const { t } = useLanguage();
  const { value, trouble, reload } = useLoaded(loadBoth);
  const program = value?.[0].find((one) => one.program_id === programId);
  return (
    <Page title={t("miniAbout")} back={{ to: "/discover", label: t("back") }}>
      {trouble && !value ? <Note kind="bad">{tellTrouble(t, trouble)}</Note> : null}
      {!value && !trouble ? <Loading label={t("loading")} /> : null}
      {value && !program ? <State title={t("notFound")}>{t("notFoundText")}</State> : null}
      {program && value ? (
        <About
          program={program}
          grants={value[1].filter((one) => one.program_id === programId)}
          onChange={reload}
        />
      ) : null}
    </Page>
  );
}

interface AboutProps {
  program: Program;
  grants: Grant[];
  onChange: () => void;
}

function About({ program, grants, onChange }: AboutProps) {
  const { t, tag } = useLanguage();
  const [, go] = useLocation();
  const client = useClient();
  const run = (deed: Promise<unknown>) => {
    deed.then(onChange, (error: unknown) => toast(tellTrouble(t, error)));
  };
  const id = program.program_id;
  return (
    <>
      <div className={styles.head}>
        <Icon program={program} size={72} />
        <h2>{inWords(program.name, tag)}</h2>
        <p>{inWords(program.description, tag)}</p>
        <p className={styles.soft}>{t("miniBy", { author: program.author, version: program.version })}</p>
        {program.opens === "room" ? (
          <Note>{t("miniOpensInChat")}</Note>
        ) : (
          <Button onClick={() => go(`/discover/open/${part(id)}`)}>{t("miniOpen")}</Button>
        )}
      </div>
      <Card title={t("miniMay")}>
        {program.permissions
          .filter((permission) => permission !== "room")
          .map((permission) => (
            <Switch
              key={permission}
              label={t(`mini_${permission}`)}
              hint={t(`mini_${permission}Text`)}
              isOn={grants.some((one) => one.permission === permission && one.is_allowed)}
              onChange={(isAllowed) =>
                run(decide(id, { permission, is_allowed: isAllowed, room_id: "" }))
              }
            />
          ))}
        {program.permissions.includes("room") ? (
          <Row title={t("mini_room")} sub={t("mini_roomText")} />
        ) : null}
        {grants
          .filter(({ permission }) => permission === "room")
          .map((grant) => (
            <Switch
              key={grant.room_id}
              label={t("miniInChat", { name: client.getRoom(grant.room_id)?.name ?? grant.room_id })}
              isOn={grant.is_allowed}
              onChange={(isAllowed) =>
                run(decide(id, { permission: "room", is_allowed: isAllowed, room_id: grant.room_id }))
              }
            />
          ))}
      </Card>
      <Note icon={<Blocks size={18} aria-hidden />}>{t("miniSandbox")}</Note>
      {grants.length > 0 ? (
        <Button look="danger" onClick={() => run(takeBack(id))}>
          {t("miniTakeBack")}
        </Button>
      ) : null}
    </>
  );
}

/** Which program to open in a chat. */
export function ProgramChoice({ room, onClose }: { room: Room; onClose: () => void }) {
  const { t, tag } = useLanguage();
  const [, go] = useLocation();
  const { value, trouble } = useLoaded(fetchPrograms);
  const found = value?.filter((one) => one.opens === "room");
  return (
    <Dialog title={t("miniPrograms")} closeLabel={t("close")} onClose={onClose}>
      {trouble ? <Note kind="bad">{tellTrouble(t, trouble)}</Note> : null}
      {!found && !trouble ? <Loading label={t("loading")} /> : null}
      {found?.length === 0 ? <State title={t("miniNoneFound")} /> : null}
      {found && found.length > 0 ? (
        <Card>
          {found.map((one) => (
            <Row
              key={one.program_id}
              icon={<Icon program={one} />}
              title={inWords(one.name, tag)}
              sub={inWords(one.description, tag)}
              onClick={() => {
                onClose();
                go(`/discover/open/${part(one.program_id)}/${part(room.roomId)}`);
              }}
            />
          ))}
        </Card>
      ) : null}
    </Dialog>
  );
}
