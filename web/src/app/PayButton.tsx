import { Wallet } from "lucide-react";
import { useState } from "react";
import { PayMember } from "@/domains/wallet/Pay";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { findDirectChat } from "@/lib/matrix/client";
import { Button } from "@/ui/Button";

/** Pays a member from their page; their chat is told, where there is one. */
export function PayButton({ userId }: { userId: string }) {
  const t = useT();
  const client = useClient();
  const [isOpen, setIsOpen] = useState(false);
  const roomId = findDirectChat(client, userId);
  const name = client.getUser(userId)?.displayName ?? userId.slice(1).split(":")[0] ?? userId;
  return (
    <>
      <Button look="quiet" onClick={() => setIsOpen(true)}>
        <Wallet size={18} aria-hidden /> {t("pay")}
      </Button>
      {isOpen ? (
        <PayMember
          payee={userId}
          name={name}
          {...(roomId ? { roomId } : {})}
          onClose={() => setIsOpen(false)}
        />
      ) : null}
    </>
  );
}
