import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const DOMAINS = ["accounts", "chat", "miniprograms", "wallet"];

/** Forbid imports by pattern, with the reason. */
const forbid = (group, message) => ({
  "no-restricted-imports": ["error", { patterns: [{ group, message }] }],
});

export default tseslint.config(
  { ignores: ["node_modules", "eslint.config.js"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  hooks.configs.flat["recommended-latest"],
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // The virtualiser changes in place and says so; the components that hold it are small.
      "react-hooks/incompatible-library": "off",
      complexity: ["error", 16],
      "max-lines": ["error", 500],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": [
        "error",
        { checksVoidReturn: { attributes: false } },
      ],
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Text goes into the page as text." },
      ],
    },
  },
  // A catalogue is a list; it grows with what the app says.
  { files: ["src/lib/language/catalogues/*"], rules: { "max-lines": "off" } },
  { files: ["src/ui/**"], rules: forbid(["@/domains/*", "@/app/*"], "ui knows no domain.") },
  { files: ["src/lib/**"], rules: forbid(["@/domains/*", "@/app/*", "@/ui/*"], "lib is below.") },
  ...DOMAINS.map((domain) => ({
    files: [`src/domains/${domain}/**`],
    rules: forbid(
      [...DOMAINS.filter((other) => other !== domain).map((o) => `@/domains/${o}/*`), "@/app/*"],
      "Domains do not know one another; the app joins them.",
    ),
  })),
);
