import { Ban } from "lucide-react";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Card, Page, Row } from "@/ui/Page";
import { State } from "@/ui/State";
import { toast } from "@/ui/Toast";
import { shortId } from "../naming";
import { Picture } from "../Picture";
import { unblock, useBlocked } from "./blocking";

/** Whom one has blocked. */
export function Blocked() {
  const t = useT();
  const client = useClient();
  const blocked = useBlocked(client);
  return (
    <Page title={t("blockedMembers")} back={{ to: "/me", label: t("back") }}>
      {blocked.length === 0 ? (
        <State icon={<Ban size={28} />} title={t("blockedNone")}>
          {t("blockText")}
        </State>
      ) : (
        <Card>
          {blocked.map((userId) => (
            <Row
              key={userId}
              icon={<Picture id={userId} name={shortId(userId)} mxc={undefined} size={40} />}
              title={client.getUser(userId)?.displayName ?? shortId(userId)}
              sub={userId}
              end={
                <Button
                  look="quiet"
                  aria-label={`${t("unblock")}: ${shortId(userId)}`}
                  onClick={() => {
                    unblock(client, userId).catch((error: unknown) => toast(tellTrouble(t, error)));
                  }}
                >
                  {t("unblock")}
                </Button>
              }
            />
          ))}
        </Card>
      )}
    </Page>
  );
}
