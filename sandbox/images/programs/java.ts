/** Of Debian: version 17, without graphics. */
export const JAVA_PACKAGES = ["default-jre-headless"] as const;

/** The same path on every processor. */
const JAVA_HOME = "/usr/lib/jvm/default-java";

/** Absolute, since nothing in these images reads PATH on the way to it. */
export const JAVA = `${JAVA_HOME}/bin/java`;

/** Variables of every image with Java. Without the second it writes names and logs in ASCII. */
export const javaEnvironment = { JAVA_HOME, LANG: "C.UTF-8" } as const;
