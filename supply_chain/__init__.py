"""What Teahouse is made of that others wrote: bills of materials, known holes, licences."""
