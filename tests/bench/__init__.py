"""What `pidesk bench --peers` compares with: pedalboard and a strip written in Faust."""
