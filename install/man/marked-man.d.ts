declare module "marked-man" {
  import type { MarkedExtension } from "marked";

  const extension: MarkedExtension;
  // biome-ignore lint/style/noDefaultExport: what the package has.
  export default extension;
}
