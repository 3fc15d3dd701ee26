import type { Attributes, MetricOptions } from "@opentelemetry/api";
import { ATTRIBUTES, type MetricDescription } from "./conventions.js";

/** What an instrument is made with. */
export function optionsOf({ unit, description, boundaries }: MetricDescription): MetricOptions {
  return {
    unit,
    description,
    ...(boundaries && { advice: { explicitBucketBoundaries: [...boundaries] } }),
  };
}

/** The attribute that every point and every span has. */
export function at(route: string): Attributes {
  return { [ATTRIBUTES.route]: route };
}
