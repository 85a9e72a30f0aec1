import { Ban, Flag } from "lucide-react";
import { useT } from "@/lib/language";
import { Card, Row } from "@/ui/Page";

/** The rows under Me for what one has against others, and others against one. */
export function SafetyRows() {
  const t = useT();
  return (
    <Card>
      <Row icon={<Flag size={20} />} title={t("reportsAndAppeals")} to="/me/reports" />
      <Row icon={<Ban size={20} />} title={t("blockedMembers")} to="/me/blocked" />
    </Card>
  );
}
