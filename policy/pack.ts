import { PolicyPack } from "@pulumi/policy";
import { POLICIES } from "./crossguard";

/** Starts the analyzer that the Pulumi CLI talks to: `pulumi preview --policy-pack policy`. */
new PolicyPack("platform", { policies: [...POLICIES] });
