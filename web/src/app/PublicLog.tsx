/** A chunk of its own: nobody needs it to sign in. */
export { LogPage as default } from "@/domains/privacy/LogPage";
