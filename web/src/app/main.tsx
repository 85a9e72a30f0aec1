import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { LanguageProvider } from "@/lib/language";
import { applyTheme } from "@/lib/settings";
import { App } from "./App";
import { registerWorker } from "./worker";
import "./theme.css";

applyTheme();
const root = document.getElementById("root");
if (!root) throw new Error("index.html has a root");
createRoot(root).render(
  <StrictMode>
    <LanguageProvider>
      <App />
    </LanguageProvider>
  </StrictMode>,
);
registerWorker();
