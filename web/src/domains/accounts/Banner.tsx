import { ChevronRight, ShieldAlert } from "lucide-react";
import { Link } from "wouter";
import { useT } from "@/lib/language";
import { Note } from "@/ui/Note";
import { useSecurity } from "./security";

/** One line above the chats while there is something to do for their safety. */
export function SecurityBanner() {
  const t = useT();
  const security = useSecurity();
  if (!security || (security.isVerified && security.hasRecovery)) return null;
  return (
    <Note
      kind="warn"
      icon={<ShieldAlert size={18} aria-hidden />}
      action={<ChevronRight size={18} aria-hidden />}
    >
      <Link to="/me/security" style={{ color: "inherit", textDecoration: "none", fontWeight: 600 }}>
        {security.isVerified ? t("bannerRecovery") : t("bannerVerify")}
      </Link>
    </Note>
  );
}
