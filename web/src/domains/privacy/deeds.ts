export * from "@/ui/deeds";
