import { Hash } from "lucide-react";
import type { IPublicRoomsChunkRoom } from "matrix-js-sdk";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { toast } from "@/ui/Toast";
import { Picture } from "./Picture";

const SHOWN_MAX = 100;

export function PublicRooms() {
  const t = useT();
  const client = useClient();
  const [, go] = useLocation();
  const [rooms, setRooms] = useState<IPublicRoomsChunkRoom[]>();
  const [trouble, setTrouble] = useState<string>();
  useEffect(() => {
    client.publicRooms({ limit: SHOWN_MAX }).then(
      // A space is a list of rooms, not a place to talk.
      ({ chunk }) => setRooms(chunk.filter((room) => room.room_type !== "m.space")),
      (error: unknown) => setTrouble(tellTrouble(t, error)),
    );
  }, [client, t]);
  const enter = async (roomId: string) => {
    try {
      if (client.getRoom(roomId)?.getMyMembership() !== "join") await client.joinRoom(roomId);
      go(`/chats/${encodeURIComponent(roomId)}`);
    } catch (error) {
      toast(tellTrouble(t, error));
    }
  };
  return (
    <Page title={t("publicRooms")} back={{ to: "/discover", label: t("back") }}>
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      {rooms === undefined && !trouble ? <Loading label={t("loading")} /> : null}
      {rooms?.length === 0 ? <State icon={<Hash size={28} />} title={t("publicRoomsEmpty")} /> : null}
      {rooms && rooms.length > 0 ? (
        <Card>
          {rooms.map((room) => (
            <Row
              key={room.room_id}
              icon={
                <Picture
                  id={room.room_id}
                  name={room.name ?? room.room_id}
                  mxc={room.avatar_url}
                  size={44}
                />
              }
              title={room.name ?? room.canonical_alias ?? room.room_id}
              sub={room.topic ?? t("members", { count: room.num_joined_members })}
              end={t("enter")}
              onClick={() => void enter(room.room_id)}
            />
          ))}
        </Card>
      ) : null}
    </Page>
  );
}
