/** People one may know. The server looks for them only once one has said yes to that, under Privacy. */

import type { MatrixClient } from "matrix-js-sdk";
import { fetchApi } from "@/lib/api";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { useLoaded } from "@/ui/loading";
import { Card, Row } from "@/ui/Page";
import { nameOfMember } from "./naming";
import { Picture } from "./Picture";

interface Suggestion {
  user_id: string;
  shared: number;
}

export function Suggestions() {
  const t = useT();
  const client = useClient();
  // One is not asked again here: who said no sees nothing of this, and so does who can't be told.
  const { value: found = [] } = useLoaded(() => fetchApi<Suggestion[]>("/chat/suggestions"));
  if (found.length === 0) return null;
  return (
    <Card title={t("mayKnow")}>
      {found.map(({ user_id: userId, shared }) => {
        const room = findSharedRoom(client, userId);
        const name = nameOfMember(room, userId);
        return (
          <Row
            key={userId}
            icon={
              <Picture
                id={userId}
                name={name}
                mxc={room?.getMember(userId)?.getMxcAvatarUrl()}
                size={40}
              />
            }
            title={name}
            sub={t("mayKnowShared", { count: shared })}
            to={`/contacts/${encodeURIComponent(userId)}`}
          />
        );
      })}
    </Card>
  );
}

function findSharedRoom(client: MatrixClient, userId: string) {
  return client.getRooms().find((room) => room.getMember(userId) !== null) ?? null;
}
