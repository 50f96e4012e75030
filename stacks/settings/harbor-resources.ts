import { z } from "zod";
import { containerResources as container } from "./values";

/** Resources of every container of Harbor. */
export const harborResources = z
  .strictObject({
    core: container(
      { cpu: "250m", memory: "256Mi" },
      { cpu: "1000m", memory: "512Mi" },
      { description: "The API.", source: "seed", leastMemory: "128Mi" },
    ),
    portal: container(
      { cpu: "100m", memory: "256Mi" },
      { cpu: "500m", memory: "512Mi" },
      { description: "The web pages.", source: "seed", leastMemory: "16Mi" },
    ),
    registry: container(
      { cpu: "100m", memory: "256Mi" },
      { cpu: "500m", memory: "512Mi" },
      { description: "The registry.", source: "seed", leastMemory: "64Mi" },
    ),
    registryctl: container(
      { cpu: "50m", memory: "64Mi" },
      { cpu: "250m", memory: "256Mi" },
      { description: "The registry's controller.", leastMemory: "32Mi" },
    ),
    // What the seed's totals leave for it.
    jobservice: container(
      { cpu: "100m", memory: "256Mi" },
      { cpu: "500m", memory: "512Mi" },
      { description: "The job service.", source: "seed", leastMemory: "64Mi" },
    ),
    trivy: container(
      { cpu: "200m", memory: "256Mi" },
      { cpu: "1000m", memory: "1Gi" },
      { description: "The scanner.", source: "seed", leastMemory: "128Mi" },
    ),
    database: container(
      { cpu: "100m", memory: "256Mi" },
      { cpu: "1000m", memory: "1Gi" },
      { description: "Harbor's own database; its shared memory counts, too.", leastMemory: "128Mi" },
    ),
    redis: container(
      { cpu: "50m", memory: "64Mi" },
      { cpu: "500m", memory: "256Mi" },
      { description: "Harbor's own Redis.", leastMemory: "32Mi" },
    ),
    nginx: container(
      { cpu: "50m", memory: "64Mi" },
      { cpu: "500m", memory: "256Mi" },
      { description: "The front.", leastMemory: "16Mi" },
    ),
    exporter: container(
      { cpu: "20m", memory: "64Mi" },
      { cpu: "200m", memory: "256Mi" },
      { description: "The exporter of metrics.", leastMemory: "16Mi" },
    ),
  })
  .prefault({})
  .meta({ description: "Resources of one pod of each part." });
