import styles from "./ui.module.css";

const COLOURS = 6;

interface Props {
  /** Says which colour: an id, so that the colour stays when a name changes. */
  id: string;
  name: string;
  image?: string | undefined;
  size?: number;
}

/** A picture, or the first letter on a colour. The name stands beside it: it says nothing itself. */
export function Avatar({ id, name, image, size = 44 }: Props) {
  const box = { width: size, height: size, fontSize: size * 0.42 };
  if (image) return <img className={styles.avatar} style={box} src={image} alt="" />;
  return (
    <span
      className={`${styles.avatar ?? ""} ${styles[`avatar${computeColour(id)}`] ?? ""}`}
      style={box}
      aria-hidden="true"
    >
      {computeInitial(name)}
    </span>
  );
}

export function computeInitial(name: string): string {
  const letters = new Intl.Segmenter().segment(name.replace(/^[@#!]/, "").trim());
  const first = letters[Symbol.iterator]().next();
  return first.done ? "?" : first.value.segment.toUpperCase();
}

function computeColour(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return sum % COLOURS;
}
