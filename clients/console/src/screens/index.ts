// Every screen of the console. To add one: write its module beside this one, and give it a line here.

import { html } from "lit";

import type { Screen } from "../router";
import { session } from "../session/session";

const EVENTS = ["events:view_all", "events:view_certificates", "events:view_own"] as const;

/** One for all tabs, so that going to another one keeps what is shown, and the focus. */
const certificate: Screen["render"] = ({ id, tab = "overview" }) =>
  html`<certificate-screen .identifier=${id} tab=${tab}></certificate-screen>`;

export const SCREENS: readonly Screen[] = [
  {
    path: "/",
    title: "Home",
    navigation: { label: "Home", icon: "home" },
    load: () => import("./home"),
    render: () => html`<home-screen></home-screen>`,
  },
  {
    path: "/certificates",
    title: "Certificates",
    navigation: { label: "Certificates", icon: "certificate" },
    load: () => import("./certificates/table"),
    render: () => html`<certificates-screen></certificates-screen>`,
  },
  {
    path: "/certificates/import",
    title: "Import",
    load: () => import("./certificates/import"),
    render: () => html`<import-screen></import-screen>`,
  },
  {
    path: "/certificates/:id/renew",
    title: "Renew",
    load: () => import("./requests/wizard"),
    render: ({ id }) => html`<request-wizard .renews=${id}></request-wizard>`,
  },
  {
    path: "/certificates/:id",
    title: "Certificate",
    load: () => import("./certificate/certificate"),
    render: certificate,
  },
  {
    path: "/certificates/:id/:tab",
    title: "Certificate",
    load: () => import("./certificate/certificate"),
    render: certificate,
  },
  {
    path: "/requests",
    title: "Requests",
    navigation: { label: "Requests", icon: "request", shown: () => session.may("signing_requests:view") },
    load: () => import("./requests/list"),
    render: () => html`<requests-screen></requests-screen>`,
  },
  {
    path: "/requests/new",
    title: "Generate CSR",
    load: () => import("./requests/wizard"),
    render: () => html`<request-wizard></request-wizard>`,
  },
  {
    path: "/requests/:id",
    title: "Request",
    load: () => import("./requests/request"),
    render: ({ id }) => html`<request-screen .identifier=${id}></request-screen>`,
  },
  {
    path: "/policies",
    title: "Policies",
    navigation: { label: "Policies", icon: "policy", shown: () => session.may("policies:view") },
    load: () => import("./policies/list"),
    render: () => html`<policies-screen></policies-screen>`,
  },
  {
    path: "/policies/new",
    title: "New policy",
    load: () => import("./policies/policy"),
    render: () => html`<policy-screen></policy-screen>`,
  },
  {
    path: "/policies/:id",
    title: "Policy",
    load: () => import("./policies/policy"),
    render: ({ id }) => html`<policy-screen .identifier=${id}></policy-screen>`,
  },
  {
    path: "/groups",
    title: "Groups",
    navigation: { label: "Groups", icon: "group" },
    load: () => import("./groups/list"),
    render: () => html`<groups-screen></groups-screen>`,
  },
  {
    path: "/roles",
    title: "Roles",
    navigation: { label: "Roles", icon: "role", shown: () => session.isAdministrator || session.me?.role?.name === "Viewer" },
    load: () => import("./roles/list"),
    render: () => html`<roles-screen></roles-screen>`,
  },
  {
    path: "/roles/new",
    title: "New role",
    load: () => import("./roles/role"),
    render: () => html`<role-screen></role-screen>`,
  },
  {
    path: "/roles/:id",
    title: "Role",
    load: () => import("./roles/role"),
    render: ({ id }) => html`<role-screen .identifier=${id}></role-screen>`,
  },
  {
    path: "/events",
    title: "Events",
    navigation: { label: "Events", icon: "event", shown: () => EVENTS.some((each) => session.may(each)) },
    load: () => import("./events/list"),
    render: () => html`<events-screen></events-screen>`,
  },
  {
    path: "/events/:id",
    title: "Event",
    load: () => import("./events/event"),
    render: ({ id }) => html`<event-screen .identifier=${id}></event-screen>`,
  },
  {
    path: "/expiry",
    title: "Expiry",
    navigation: { label: "Expiry", icon: "expiry" },
    load: () => import("./expiry"),
    render: () => html`<expiry-screen></expiry-screen>`,
  },
  {
    path: "/me",
    title: "Who am I",
    navigation: { label: "Who am I", icon: "person" },
    load: () => import("./me"),
    render: () => html`<me-screen></me-screen>`,
  },
];

export const NAVIGATION = (): readonly Screen[] => SCREENS.filter((each) => each.navigation && (each.navigation.shown?.() ?? true));

