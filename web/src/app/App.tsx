/** The way in: the pages before sign-in, and what is loaded once somebody is in. */

import { lazy, Suspense } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { SignIn } from "@/domains/accounts/SignIn";
import { SignInApp } from "@/domains/accounts/SignInApp";
import { SignInFallback } from "@/domains/accounts/SignInFallback";
import { SignUp } from "@/domains/accounts/SignUp";
import { useT } from "@/lib/language";
import { useSession } from "@/lib/session";
import { Loading } from "@/ui/State";
import { Toasts } from "@/ui/Toast";

const SignedIn = lazy(() => import("./SignedIn"));
const PublicPayPage = lazy(() => import("./PublicPay"));
const PublicLogPage = lazy(() => import("./PublicLog"));

export function App() {
  const session = useSession();
  const t = useT();
  const [path] = useLocation();
  return (
    <>
      {path === "/sign-in/app" ? (
        <SignInApp />
      ) : path === "/sign-in/fallback" ? (
        <SignInFallback />
      ) : path === "/privacy/log" ? (
        <Suspense fallback={<Loading label={t("loading")} />}>
          <PublicLogPage back={session ? "/me/privacy" : "/sign-in"} />
        </Suspense>
      ) : session ? (
        <Suspense fallback={<Loading label={t("loading")} />}>
          <SignedIn key={session.deviceId} session={session} />
        </Suspense>
      ) : (
        <Outside />
      )}
      <Toasts />
    </>
  );
}

function PayPage({ code }: { code: string }) {
  const t = useT();
  return (
    <Suspense fallback={<Loading label={t("loading")} />}>
      <PublicPayPage code={code} />
    </Suspense>
  );
}

function Outside() {
  const [path] = useLocation();
  return (
    <Switch>
      <Route path="/sign-up" component={SignUp} />
      <Route path="/sign-in" component={SignIn} />
      <Route path="/pay/:code">{({ code }) => <PayPage code={code} />}</Route>
      <Route>
        <Redirect to={`/sign-in${path === "/" ? "" : `?next=${encodeURIComponent(path)}`}`} />
      </Route>
    </Switch>
  );
}
