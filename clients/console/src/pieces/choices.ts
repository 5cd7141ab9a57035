// The groups that a form offers: those that the caller may put a certificate into.

import { answerOf, api, type CertificateGroup } from "../api/client";
import { session } from "../session/session";

/** All groups that the caller sees, page by page. */
export async function allGroups(): Promise<CertificateGroup[]> {
  const found: CertificateGroup[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: CertificateGroup[]; next_cursor: string | null } = await answerOf(
      api.GET("/v1/certificate-groups", { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } } }),
    );
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null && found.length < 1000);
  return found;
}

export async function groupsToAddTo(): Promise<CertificateGroup[]> {
  const covered = session.me?.certificate_groups;
  const groups = await allGroups();
  return groups.filter(
    (group) => covered === "all" || covered?.some((each) => each.group === group.id && each.rights.includes("add")),
  );
}
