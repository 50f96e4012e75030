import { z } from "zod";
import { dnsName, storageQuantity } from "./values";

/**
 * Size and class of a claim.
 * @param size default, a Kubernetes quantity; upstream's
 * @param description what lies there
 * @param fallback class that an absent one stands for
 */
export const storageClaim = (size: string, description: string, fallback = "the cluster's default") =>
  z
    .strictObject({
      size: storageQuantity
        .prefault(size)
        .meta({ description: "Size of the claim.", unit: "bytes", source: "upstream" }),
      class: dnsName.exactOptional().meta({ description: `StorageClass; absent: ${fallback}.` }),
    })
    .prefault({})
    .meta({ description });

/** What the absent class of a part of K-PaaS stands for. */
export const kpaasClass = "that of the section kpaas, or else the cluster's default";
