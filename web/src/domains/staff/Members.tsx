/** Members: who there is, with what roles. Looking is told in the log of who looked. */

import { useState } from "react";
import { useT, type Key } from "@/lib/language";
import { Button } from "@/ui/Button";
import { useDeed } from "@/ui/deeds";
import { Field } from "@/ui/Field";
import { Await, useLoaded } from "@/ui/loading";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { State } from "@/ui/State";
import { Standing } from "@/ui/Standing";
import { fetchMembers, type ListedMember } from "./api";
import { Entry } from "./parts";
import styles from "./staff.module.css";

export function Members() {
  const t = useT();
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  return (
    <Page title={t("staffMembers")} back={{ to: "/me/staff", label: t("back") }}>
      <p className={styles.soft}>{t("staffLookTold")}</p>
      <form
        className={styles.form}
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setSearch(typed.trim());
        }}
      >
        <Field label={t("staffSearchMembers")} value={typed} onChange={setTyped} />
        <Button type="submit" look="quiet">
          {t("search")}
        </Button>
      </form>
      <Found key={search} search={search} />
    </Page>
  );
}

function Found({ search }: { search: string }) {
  const t = useT();
  const first = useLoaded(() => fetchMembers(search), search);
  const [more, setMore] = useState<{ items: ListedMember[]; next: string | null }>();
  const { isBusy, trouble, run } = useDeed();
  return (
    <Await loaded={first}>
      {(page) => {
        const items = [...page.items, ...(more?.items ?? [])];
        const next = more ? more.next : page.next_cursor;
        const loadMore = () =>
          run(async () => {
            const loaded = await fetchMembers(search, next ?? undefined);
            setMore({ items: [...(more?.items ?? []), ...loaded.items], next: loaded.next_cursor });
          });
        if (items.length === 0) return <State title={t("staffNobody")} />;
        return (
          <>
            <Card>
              {items.map((member) => (
                <MemberEntry key={member.user_id} member={member} />
              ))}
            </Card>
            {trouble ? <Note kind="bad">{trouble}</Note> : null}
            {next ? (
              <Button look="plain" busy={isBusy} onClick={() => void loadMore()}>
                {t("more")}
              </Button>
            ) : null}
          </>
        );
      }}
    </Await>
  );
}

function MemberEntry({ member }: { member: ListedMember }) {
  const t = useT();
  return (
    <Entry
      title={member.name ?? member.user_id}
      at={member.created_at}
      tag={member.is_closed ? <Standing isBad>{t("staffClosed")}</Standing> : null}
    >
      <p className={styles.code}>{member.user_id}</p>
      {member.roles.length > 0 ? (
        <p className={styles.soft}>
          {member.roles.map((role) => t(`staffRole_${role}` as Key)).join(" · ")}
        </p>
      ) : null}
    </Entry>
  );
}
