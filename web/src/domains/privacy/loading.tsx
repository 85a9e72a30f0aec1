export * from "@/ui/loading";
