/** A chunk of its own: most people who open the app never see a pay page signed out. */
export { PublicPayPage as default } from "@/domains/wallet/PublicPayPage";
