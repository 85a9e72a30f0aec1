/** Archives and imports: what the server tells, and the two ways a large file moves. */

import { call, doOnce, fetchApi } from "@/lib/api";
import { ApiError, readError } from "@/lib/http";
import type { Prove } from "@/lib/proof";
import { currentSession } from "@/lib/session";

export type Step = "account" | "chats" | "files" | "money" | "privacy" | "records";

export interface Archive {
  archive_id: string;
  status: "waiting" | "done" | "failed";
  progress: number;
  step: Step;
  byte_count: number;
  file_count: number;
  created_at: number;
  expires_at: number;
}

export function fetchArchives(): Promise<Archive[]> {
  return fetchApi<Archive[]>("/privacy/archives");
}

export function askArchive(language: string, key: string): Promise<Archive> {
  return doOnce<Archive>("/privacy/archives", { language }, key);
}

export function removeArchive(id: string): Promise<unknown> {
  return call(`/privacy/archives/${id}`, { method: "DELETE" });
}

/**
 * Let the browser download an archive to disk: by a form, since a file of a gigabyte must not be in
 * memory, and with a ticket in its body that is good once, since addresses are logged.
 */
export async function downloadArchive(id: string, prove: Prove): Promise<void> {
  const path = `/privacy/archives/${id}`;
  const { ticket } = await prove((auth) =>
    call<{ ticket: string }>(`${path}/ticket`, { method: "POST", body: auth ? { auth } : {} }),
  );
  const form = document.createElement("form");
  form.method = "post";
  form.action = `/api/v1${path}/file`;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "ticket";
  field.value = ticket;
  form.append(field);
  document.body.append(form);
  form.submit();
  form.remove();
}

// Imports

export type Kind =
  | "profile"
  | "avatar"
  | "settings"
  | "contacts"
  | "ignored"
  | "chats"
  | "documents"
  | "encrypted"
  | "keys"
  | "money";

export interface Offer {
  kind: Kind;
  count: number;
  will: boolean;
  why: "" | "locked" | "keys-stay" | "money-stays";
}

export interface Brought {
  import_id: string;
  status: "ready" | "importing" | "done" | "undoing" | "undone";
  progress: number;
  step: string;
  from_server: string;
  from_user: string;
  made_at: number;
  signed_by: string;
  offers: Offer[];
  brought: Partial<Record<Kind, number>>;
  created_at: number;
  expires_at: number;
}

export function fetchImports(): Promise<Brought[]> {
  return fetchApi<Brought[]>("/privacy/imports");
}

export function beginImport(id: string, kinds: Kind[]): Promise<Brought> {
  return call(`/privacy/imports/${id}/begin`, { method: "POST", body: { kinds } });
}

export function undoImport(id: string): Promise<Brought> {
  return call(`/privacy/imports/${id}`, { method: "DELETE" });
}

/** Upload an archive. Not by `fetch`, which does not tell how far it is. */
export function uploadArchive(file: File, tell: (percent: number) => void): Promise<Brought> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/privacy/imports");
    request.setRequestHeader("Authorization", `Bearer ${currentSession()?.accessToken ?? ""}`);
    request.setRequestHeader("Content-Type", "application/zip");
    request.responseType = "json";
    request.upload.onprogress = (event) => tell(Math.floor((100 * event.loaded) / event.total));
    request.onerror = () => reject(new ApiError(0, "network", "network"));
    request.onload = () => {
      if (request.status < 300) resolve(request.response as Brought);
      else reject(readError(request.status, request.response));
    };
    request.send(file);
  });
}
