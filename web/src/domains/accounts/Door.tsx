import { Eye, EyeOff } from "lucide-react";
import { useState, type ReactNode } from "react";
import { LANGUAGES, useLanguage } from "@/lib/language";
import { IconButton } from "@/ui/Button";
import { Field } from "@/ui/Field";
import styles from "./door.module.css";

/** The frame of the pages before sign-in. */
export function Door({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useLanguage();
  return (
    <main className={styles.door}>
      <div className={styles.bar}>
        <LanguageSwitch />
      </div>
      <div className={styles.inside}>
        <header className={styles.head}>
          <img src="/icon.svg" alt="" />
          <h1>{title}</h1>
          <p className={styles.slogan}>{t("slogan")}</p>
        </header>
        {children}
      </div>
    </main>
  );
}

function LanguageSwitch() {
  const { tag, choose } = useLanguage();
  const others = LANGUAGES.filter((language) => language.tag !== tag);
  return others.map((language) => (
    <button
      key={language.tag}
      type="button"
      lang={language.tag}
      className={styles.language}
      onClick={() => choose(language.tag)}
    >
      {language.name}
    </button>
  ));
}

interface PasswordProps {
  label?: string;
  value: string;
  onChange: (value: string) => void;
  isNew?: boolean;
  error?: string | undefined;
}

export function PasswordField({ label, value, onChange, isNew = false, error }: PasswordProps) {
  const { t } = useLanguage();
  const [isShown, setIsShown] = useState(false);
  return (
    <div className={styles.password}>
      <Field
        label={label ?? t("password")}
        type={isShown ? "text" : "password"}
        autoComplete={isNew ? "new-password" : "current-password"}
        value={value}
        onChange={onChange}
        error={error}
        hint={isNew ? t("passwordHint") : undefined}
        required
      />
      <IconButton
        className={styles.reveal}
        label={isShown ? t("passwordHide") : t("passwordShow")}
        onClick={() => setIsShown(!isShown)}
      >
        {isShown ? <EyeOff size={18} /> : <Eye size={18} />}
      </IconButton>
    </div>
  );
}
