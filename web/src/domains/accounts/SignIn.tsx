import { Link, useLocation, useSearch } from "wouter";
import { signIn, signInWithPasskey } from "@/lib/doors";
import { useT } from "@/lib/language";
import { keepSession, type Session } from "@/lib/session";
import { Door } from "./Door";
import { Entering } from "./Entering";
import styles from "./door.module.css";

export function SignIn() {
  const t = useT();
  const [, go] = useLocation();
  const search = useSearch();
  const enter = (session: Session) => {
    keepSession(session);
    go(readNext(search));
  };
  return (
    <Door title={t("signInTitle")}>
      <Entering
        onPasskey={async () => enter(await signInWithPasskey())}
        onTyped={async (typed) => enter(await signIn(typed))}
      />
      <p className={styles.other}>
        {t("newHere")} <Link to={`/sign-up${search ? `?${search}` : ""}`}>{t("signUp")}</Link>
      </p>
    </Door>
  );
}

/** Where to go after sign-in: only to a page of this app. */
export function readNext(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  return /^\/(?![/\\])/.test(next) ? next : "/chats";
}
