"""What paths over barriers are made of: images, forces, saddles, rates."""
